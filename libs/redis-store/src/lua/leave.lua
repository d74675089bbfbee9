-- Gives up a member's seat if it is still this connection's, and notes when somebody was last seen.
-- KEYS: owner, room, presence, counts, stirred
-- ARGV: room id, player id, gateway, connection
-- Returns: 1 given up, 0 it was not this connection's
local roomKey, presenceKey, countsKey, stirredKey = unpack(KEYS, 2)
local roomId, playerId, gateway, connection = unpack(ARGV)
local seat = readSeat(presenceKey, playerId)
if seat.gateway ~= gateway or seat.connection ~= connection then return 0 end
giveUpSeat(presenceKey, countsKey, playerId, seat)
if redis.call('EXISTS', roomKey) == 0 then return 1 end
redis.call('HSET', roomKey, 'seenAt', readShard(KEYS[1]).now)
redis.call('SADD', stirredKey, roomId)
return 1
