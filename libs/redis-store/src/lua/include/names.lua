-- The name, and the form by which it is compared, that no other player of the room has: as given, or with a number from
-- 2 on, the lowest where none below it was given back. `bases` holds, by the number's count of digits, the name and its
-- form that stand before it. Doubles and halves: a room may hold thousands of one name.
local function distinctName(namesKey, name, nameKey, bases)
  if redis.call('HEXISTS', namesKey, nameKey) == 0 then return name, nameKey end
  local function numbered(number)
    local suffix = ' (' .. number .. ')'
    local digits = #suffix - 3
    return bases[2 * digits - 1] .. suffix, bases[2 * digits] .. suffix
  end
  local function isTaken(number)
    local _, key = numbered(number)
    return redis.call('HEXISTS', namesKey, key) == 1
  end
  local taken, free = 1, 2
  while isTaken(free) do taken, free = free, free * 2 end
  while free - taken > 1 do
    local middle = math.floor((taken + free) / 2)
    if isTaken(middle) then taken = middle else free = middle end
  end
  return numbered(free)
end
