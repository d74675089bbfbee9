-- Gives the caller's own lease back, so that another may take it at once.
-- KEYS: owner
-- ARGV: owner id, epoch
-- Returns: 1 given back, 0 it was not the caller's
local shard = readShard(KEYS[1])
if shard.owner ~= ARGV[1] or shard.epoch ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'owner', '', 'until', int(math.min(shard.heldUntil, shard.at)))
return 1
