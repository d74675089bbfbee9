-- Notes a connected member of a room that is not over.
-- KEYS: room, presence
-- ARGV: gateway and connection, record
-- Returns: 1 noted, 0 not
local roomKey, presenceKey = KEYS[1], KEYS[2]
if redis.call('EXISTS', roomKey) == 0 or redis.call('HEXISTS', roomKey, 'closed') == 1 then return 0 end
redis.call('HSET', presenceKey, ARGV[1], ARGV[2])
return 1
