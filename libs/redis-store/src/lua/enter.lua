-- Takes a member's seat, and remembers a player by a name unlike all others of the room.
-- KEYS: owner, room, players, names, presence, counts, gateways, stirred
-- ARGV: room id, gateway, connection, player id, role, how many players may be connected, what a second connection does
--   (replace or refuse), how long a gateway lives without a heartbeat (ms), channel of the member, frame that tells of
--   being replaced, name, name key, then by the count of digits of a number that tells names apart: name and name key
--   that stand before it
-- Returns: { 'entered', name } or { why not (over, removed, name, taken, full) }
-- Publishes: to the member's channel, when another connection had the seat
local shard = readShard(KEYS[1])
local roomKey, playersKey, namesKey, presenceKey, countsKey, gatewaysKey, stirredKey = unpack(KEYS, 2)
local roomId, gateway, connection, playerId, role, maxPlayers = unpack(ARGV, 1, 6)
local second, lifetime, channel, frame, name, nameKey = unpack(ARGV, 7, 12)

local room = redis.call('HMGET', roomKey, 'v', 'closed', 'removed:' .. playerId)
if not room[1] or room[2] then return { 'over' } end
if room[3] then return { 'removed' } end
local isPlayer = role == 'player'
local known = isPlayer and redis.call('HGET', playersKey, playerId)
if isPlayer and not known and redis.call('HGET', namesKey, nameKey) == 'banned' then return { 'name' } end

local living = livingGateways(gatewaysKey, shard.at, lifetime)
local seat = readSeat(presenceKey, playerId)
local isOwn = seat.gateway == gateway and seat.connection == connection
local isHeld = isOwn or living[seat.gateway]
if isHeld and not isOwn and second == 'refuse' then return { 'taken' } end
local takesPlace = isPlayer and not (isHeld and seat.role == 'player')
if takesPlace and connectedMembers(countsKey, living).player >= tonumber(maxPlayers) then return { 'full' } end

local function forgetSomebodyAway()
  for _, candidate in ipairs(redis.call('HRANDFIELD', playersKey, 16)) do
    local held = readSeat(presenceKey, candidate)
    if not living[held.gateway] then
      giveUpSeat(presenceKey, countsKey, candidate, held)
      forgetPlayer(playersKey, namesKey, candidate)
      return true
    end
  end
  return false
end

if known then
  local player = cjson.decode(known)
  name, nameKey = player.name, player.nameKey
elseif isPlayer then
  if redis.call('HLEN', playersKey) >= 2 * maxPlayers and not forgetSomebodyAway() then return { 'full' } end
  name, nameKey = distinctName(namesKey, name, nameKey, { unpack(ARGV, 13) })
  redis.call('HSET', namesKey, nameKey, playerId)
end
if isOwn and seat.role == role then return { 'entered', name } end

local record = string.format('{"role":"%s","playerId":%s,"name":%s,"nameKey":%s}', role, cjson.encode(playerId),
  cjson.encode(name), cjson.encode(nameKey))
if isPlayer and not known then redis.call('HSET', playersKey, playerId, record) end
giveUpSeat(presenceKey, countsKey, playerId, seat)
redis.call('HSET', presenceKey, playerId, gateway .. '/' .. connection .. ' ' .. record)
countSeat(countsKey, gateway, role, 1)
if seat.gateway ~= '' and not isOwn then redis.call('SPUBLISH', channel, frame) end
redis.call('HDEL', countsKey, 'presence', 'answers')
redis.call('SADD', stirredKey, roomId)
return { 'entered', name }
