-- Who is connected to a room through a living gateway.
-- KEYS: owner, presence, gateways
-- ARGV: how long a gateway lives without a heartbeat (ms)
-- Returns: records of members, in no order
local living = livingGateways(KEYS[3], readShard(KEYS[1]).at, ARGV[1])
local connected = {}
for _, kept in ipairs(redis.call('HVALS', KEYS[2])) do
  local gateway, record = string.match(kept, '^([^/]*)/%S* (.*)$')
  if living[gateway] then connected[#connected + 1] = record end
end
return connected
