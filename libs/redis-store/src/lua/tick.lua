-- Publishes a tick for each room whose version is still the planned one and whose deadline has not come.
-- KEYS: owner, then one room each
-- ARGV: owner id, epoch, frame tail, then per room: version, channel, head of the frame, deadline
-- Returns: { now, lease held until, then per room: '' sent, else the room's state, nil when it is gone } or
-- { now, 'fence' }
-- Publishes: one message per tick to the channel of those that want ticks
local shard = readShard(KEYS[1])
local tail = ARGV[3]
if not holds(shard, ARGV[1], ARGV[2]) then return { int(shard.at), 'fence' } end
local reply = { int(shard.at), int(shard.heldUntil) }
for i = 2, #KEYS do
  local version, channel, head, endsAt = unpack(ARGV, 4 * i - 4, 4 * i - 1)
  if redis.call('HGET', KEYS[i], 'v') == version and shard.at < tonumber(endsAt) then
    publish(channel, head, '@' .. endsAt, false, tail, shard.at)
    reply[#reply + 1] = ''
  else
    reply[#reply + 1] = redis.call('HGET', KEYS[i], 'state')
  end
end
return reply
