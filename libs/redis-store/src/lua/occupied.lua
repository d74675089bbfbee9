-- When somebody was last known to be connected to a room.
-- KEYS: owner, room, counts, gateways
-- ARGV: how long a gateway lives without a heartbeat (ms)
-- Returns: now when somebody is; else the last instant, or 0
local shard = readShard(KEYS[1])
local lifetime = tonumber(ARGV[1])
local seenAt = tonumber(redis.call('HGET', KEYS[2], 'seenAt') or 0)
for _, field in ipairs(redis.call('HKEYS', KEYS[3])) do
  local gateway = string.match(field, '^(.*)/')
  local beatAt = gateway and tonumber(redis.call('HGET', KEYS[4], gateway) or 0) or 0
  if shard.at - beatAt < lifetime then return shard.now end
  seenAt = math.max(seenAt, beatAt)
end
return int(seenAt)
