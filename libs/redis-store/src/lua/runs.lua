-- The runs that a room remembers.
-- KEYS: room, runs
-- ARGV: none
-- Returns: nil when there is no such room, or { its state, then per run: record, instant of settling or nil }
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return nil end
local reply = { state }
for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
  if string.find(field, '^%d+$') then
    local run = redis.call('HMGET', KEYS[2], field, field .. ':settledAt')
    reply[#reply + 1] = run[1]
    reply[#reply + 1] = run[2]
  end
end
return reply
