-- Collects entries of the due instants and writes them together: one call costs as much as many entries.
local function writeDue(dueKey, due)
  if #due > 0 then redis.call('ZADD', dueKey, unpack(due)) end
end

-- The list to go on with: Lua passes on 8,000 values at most.
local function addDue(dueKey, due, at, name)
  due[#due + 1], due[#due + 2] = at, name
  if #due < 1000 then return due end
  writeDue(dueKey, due)
  return {}
end
