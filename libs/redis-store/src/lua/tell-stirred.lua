-- Tells rooms who is connected, and how many answers their current run has, as far as that is not what was told last.
-- KEYS: owner, gateways, then per room: room, counts, answers of its run
-- ARGV: owner id, epoch, how long a gateway lives without a heartbeat (ms), frame tail, then per room: run id or '',
--   channel of all, head of the frame that tells who is connected, channel of hosts and screens, head of the one with
--   the count
-- Returns: told or fence
-- Publishes: at most one message each to the two channels of a room
local shard = readShard(KEYS[1])
if not holds(shard, ARGV[1], ARGV[2]) then return 'fence' end
local living = livingGateways(KEYS[2], shard.at, ARGV[3])
local tail = ARGV[4]
for i = 1, (#KEYS - 2) / 3 do
  local roomKey, countsKey, answersKey = unpack(KEYS, 3 * i, 3 * i + 2)
  local runId, roomChannel, presenceHead, staffChannel, answersHead = unpack(ARGV, 5 * i, 5 * i + 4)
  local room = redis.call('HMGET', roomKey, 'v', 'closed')
  if room[1] and not room[2] then
    local told = redis.call('HMGET', countsKey, 'presence', 'answers')
    local by = connectedMembers(countsKey, living)
    local presence = string.format('"players":%d,"spectators":%d,"hostConnected":%s,', by.player, by.spectator,
      tostring(by.host + by['co-host'] > 0))
    if presence ~= told[1] then
      redis.call('HSET', countsKey, 'presence', presence)
      publish(roomChannel, presenceHead .. presence, '', false, tail, shard)
    end
    local count = runId ~= '' and string.format('"count":%d,', redis.call('HLEN', answersKey))
    if count and runId .. ' ' .. count ~= told[2] then
      redis.call('HSET', countsKey, 'answers', runId .. ' ' .. count)
      publish(staffChannel, answersHead .. count, '', false, tail, shard)
    end
  end
end
return 'told'
