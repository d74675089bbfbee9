-- Seats of members: `presence` holds by player id '<gateway>/<connection> ' and the record, `counts` by
-- '<gateway>/<role>' how many there are. Only seats of gateways that are alive count.
local function livingGateways(gatewaysKey, at, lifetime)
  local living = {}
  local beats = redis.call('HGETALL', gatewaysKey)
  for i = 1, #beats, 2 do
    if at - tonumber(beats[i + 1]) < tonumber(lifetime) then living[beats[i]] = true end
  end
  return living
end

local function connectedMembers(countsKey, living)
  local by = { host = 0, ['co-host'] = 0, player = 0, spectator = 0 }
  local counts = redis.call('HGETALL', countsKey)
  for i = 1, #counts, 2 do
    local gateway, role = string.match(counts[i], '^(.*)/([%a-]+)$')
    if living[gateway] then by[role] = by[role] + tonumber(counts[i + 1]) end
  end
  return by
end

-- Of somebody who has no seat everything is ''.
local function readSeat(presenceKey, playerId)
  local kept = redis.call('HGET', presenceKey, playerId) or ''
  local gateway, connection, record = string.match(kept, '^([^/]*)/(%S*) (.*)$')
  local role = string.match(record or '', '^{"role":"([%a-]+)"')
  return { gateway = gateway or '', connection = connection or '', record = record or '', role = role or '' }
end

local function countSeat(countsKey, gateway, role, change)
  local field = gateway .. '/' .. role
  if redis.call('HINCRBY', countsKey, field, change) <= 0 then redis.call('HDEL', countsKey, field) end
end

local function giveUpSeat(presenceKey, countsKey, playerId, seat)
  if seat.gateway == '' then return end
  redis.call('HDEL', presenceKey, playerId)
  countSeat(countsKey, seat.gateway, seat.role, -1)
end

local function forgetPlayer(playersKey, namesKey, playerId)
  local record = redis.call('HGET', playersKey, playerId)
  if not record then return end
  redis.call('HDEL', playersKey, playerId)
  local nameKey = cjson.decode(record).nameKey
  if redis.call('HGET', namesKey, nameKey) == playerId then redis.call('HDEL', namesKey, nameKey) end
end
