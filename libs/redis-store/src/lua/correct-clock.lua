-- Takes a jump of Redis' time out of the shard's clock. Only for the owner; by its epoch, not by the end of its lease,
-- which the jump itself may have moved.
-- KEYS: owner
-- ARGV: owner id, epoch, the correction that the jump was seen with, the new correction
-- Returns: 1 corrected, 0 not the owner, or somebody was faster
local kept = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'correction')
if kept[1] ~= ARGV[1] or kept[2] ~= ARGV[2] or (kept[3] or '0') ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'correction', ARGV[4])
return 1
