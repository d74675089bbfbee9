-- One part of who is in a room: of the seats, which are those of everybody who is connected, or of the players who are
-- remembered, connected or not. From cursor to cursor each is told at least once.
-- KEYS: owner, presence, players, gateways
-- ARGV: how long a gateway lives without a heartbeat (ms), part (seats or players), cursor (0 to begin), about how many
-- Returns: { next cursor (0: this was all), then per member 1 when connected or 0, and the record }
local presenceKey, playersKey, gatewaysKey = unpack(KEYS, 2)
local lifetime, part, cursor, count = unpack(ARGV)
local living = livingGateways(gatewaysKey, readShard(KEYS[1]).at, lifetime)
local found = redis.call('HSCAN', part == 'players' and playersKey or presenceKey, cursor, 'COUNT', count)
local reply = { found[1] }
for i = 1, #found[2], 2 do
  local playerId, kept = found[2][i], found[2][i + 1]
  local seat = part == 'players' and (redis.call('HGET', presenceKey, playerId) or '') or kept
  local gateway, record = string.match(seat, '^([^/]*)/%S* (.*)$')
  local isConnected = living[gateway or ''] == true
  if part == 'players' then record = kept end
  if isConnected or part == 'players' then
    reply[#reply + 1] = isConnected and 1 or 0
    reply[#reply + 1] = record
  end
end
return reply
