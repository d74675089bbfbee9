-- Gives the caller's own lease back, and tells the other schedulers, so that one of them takes it at once.
-- KEYS: owner
-- ARGV: owner id, epoch, channel of released shards, shard
-- Returns: 1 given back, 0 it was not the caller's
-- Publishes: the shard's number
local shard = readShard(KEYS[1])
if shard.owner ~= ARGV[1] or shard.epoch ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'owner', '', 'until', int(math.min(shard.heldUntil, shard.at)))
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
