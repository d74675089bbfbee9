-- Puts a member out for good; a ban also keeps the name from being used again, and may follow a kick.
-- KEYS: owner, room, players, names, presence, counts, stirred
-- ARGV: room id, player id, why (kicked or banned), channel of the member, frame that tells of it
-- Returns: 1 removed, 0 the room is over, or nothing is known of the member
-- Publishes: to the member's channel, when the member had a seat
local roomKey, playersKey, namesKey, presenceKey, countsKey, stirredKey = unpack(KEYS, 2)
local roomId, playerId, why, channel, frame = unpack(ARGV)
local room = redis.call('HMGET', roomKey, 'v', 'closed', 'removed:' .. playerId)
if not room[1] or room[2] then return 0 end
local seat = readSeat(presenceKey, playerId)
local record = seat.record ~= '' and seat.record or redis.call('HGET', playersKey, playerId)
local whyBefore, role, nameKey = string.match(room[3] or '', '^(%a+) ([%a-]+) (.*)$')
if record then
  local member = cjson.decode(record)
  role, nameKey = member.role, member.nameKey
end
if not role then return 0 end
if whyBefore == 'banned' then why = whyBefore end
redis.call('HSET', roomKey, 'removed:' .. playerId, why .. ' ' .. role .. ' ' .. nameKey)
forgetPlayer(playersKey, namesKey, playerId)
if why == 'banned' then redis.call('HSETNX', namesKey, nameKey, 'banned') end
if seat.gateway == '' then return 1 end
giveUpSeat(presenceKey, countsKey, playerId, seat)
redis.call('HSET', roomKey, 'seenAt', readShard(KEYS[1]).now)
redis.call('SADD', stirredKey, roomId)
redis.call('SPUBLISH', channel, frame)
return 1
