-- Forgets a player's record, name and seat, and a ban of the name. Only the id stays, as one that may not come back: a token
-- must not bring the data back.
-- KEYS: room, runs, players, names, presence, counts, stirred
-- ARGV: room id, player id, 1 when answers of the player were known, else 0
-- Returns: { 1 when something was known, 0 when not, then the ids of the room's runs }
local roomKey, runsKey, playersKey, namesKey, presenceKey, countsKey, stirredKey = unpack(KEYS)
local roomId, playerId = ARGV[1], ARGV[2]
local room = redis.call('HMGET', roomKey, 'v', 'closed', 'removed:' .. playerId)
if not room[1] then return { 0 } end
local seat = readSeat(presenceKey, playerId)
local isPlayer = redis.call('HEXISTS', playersKey, playerId) == 1
if not isPlayer and not room[3] and seat.gateway == '' and ARGV[3] == '0' then return { 0 } end
local why, role, nameKey = string.match(room[3] or '', '^(%a+) ([%a-]+) (.*)$')
if not role then role = seat.role ~= '' and seat.role or 'player' end
redis.call('HSET', roomKey, 'removed:' .. playerId, (why or 'kicked') .. ' ' .. role .. ' ')
if nameKey and redis.call('HGET', namesKey, nameKey) == 'banned' then redis.call('HDEL', namesKey, nameKey) end
forgetPlayer(playersKey, namesKey, playerId)
giveUpSeat(presenceKey, countsKey, playerId, seat)
if not room[2] then redis.call('SADD', stirredKey, roomId) end
local reply = { 1 }
for _, field in ipairs(redis.call('HKEYS', runsKey)) do
  if string.find(field, '^%d+$') then reply[#reply + 1] = field end
end
return reply
