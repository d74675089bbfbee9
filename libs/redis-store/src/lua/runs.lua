-- The runs that a room remembers, or some of them.
-- KEYS: room, runs
-- ARGV: run ids, or 'all'
-- Returns: nil when there is no such room, or { its state, then per run: record, instant of settling or nil }
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return nil end
local reply = { state }
local fields = ARGV[1] == 'all' and redis.call('HKEYS', KEYS[2]) or ARGV
for _, field in ipairs(fields) do
  if string.find(field, '^%d+$') then
    local run = redis.call('HMGET', KEYS[2], field, field .. ':settledAt')
    if run[1] then
      reply[#reply + 1] = run[1]
      reply[#reply + 1] = run[2]
    end
  end
end
return reply
