-- Who joined a room and who is connected through a living gateway.
-- KEYS: owner, players, presence, gateways
-- ARGV: how long a gateway lives without a heartbeat (ms)
-- Returns: { records of players, records of connected members }
local shard = readShard(KEYS[1])
local lifetime = tonumber(ARGV[1])
local connected = {}
local presence = redis.call('HGETALL', KEYS[3])
for i = 1, #presence, 2 do
  local beatAt = tonumber(redis.call('HGET', KEYS[4], string.match(presence[i], '^[^/]*')) or 0)
  if shard.at - beatAt < lifetime then connected[#connected + 1] = presence[i + 1] end
end
return { redis.call('HVALS', KEYS[2]), connected }
