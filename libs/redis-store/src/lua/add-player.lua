-- Remembers a player, unless the room is full or over.
-- KEYS: room, players
-- ARGV: player id, record, how many at most
-- Returns: added or full
local roomKey, playersKey, playerId, record, limit = KEYS[1], KEYS[2], ARGV[1], ARGV[2], tonumber(ARGV[3])
if redis.call('EXISTS', roomKey) == 0 or redis.call('HEXISTS', roomKey, 'closed') == 1 then return 'added' end
if redis.call('HEXISTS', playersKey, playerId) == 1 then return 'added' end
if redis.call('HLEN', playersKey) >= limit then return 'full' end
redis.call('HSET', playersKey, playerId, record)
return 'added'
