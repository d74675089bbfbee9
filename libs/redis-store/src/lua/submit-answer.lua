-- Stores a judged answer if what it was judged on still holds; nothing is judged here.
-- KEYS: owner, runs, players, answers, earlier, stirred
-- ARGV: room id, run id, what the run's record has to contain (its version), player id, answer id, instant of receiving,
--   how long ago that may be (ms), verdict, record of the answer, answer id of the accepted answer or '', how many
--   refused and replaced answers are kept
-- Returns: { now, 'stored' }, { now, 'repeated', the record with this answer id }, or { now, 'again', 1 when the player is
-- one of the room's, the accepted answer or nil, 1 when the run is settled, then the record of each run that answers can be meant for }
local shard = readShard(KEYS[1])
local runsKey, playersKey, answersKey, earlierKey, stirredKey = unpack(KEYS, 2)
local roomId, runId, versionText, playerId, answerId = unpack(ARGV, 1, 5)
local receivedAt, maxAge, verdict, record, expected, limit = unpack(ARGV, 6)

local function idOf(answer)
  return answer and string.match(answer, '^{"answerId":"([^"]*)"') or ''
end
local standing = redis.call('HGET', answersKey, playerId)
if idOf(standing) == answerId then return { shard.now, 'repeated', standing } end
local earlier = redis.call('HGET', earlierKey, playerId) or ''
for answer in string.gmatch(earlier, '[^\n]+') do
  if idOf(answer) == answerId then return { shard.now, 'repeated', answer } end
end

local function keepEarlier(answer)
  local lines = earlier .. answer .. '\n'
  local _, count = string.gsub(lines, '\n', '\n')
  if count > tonumber(limit) then lines = string.sub(lines, string.find(lines, '\n', 1, true) + 1) end
  redis.call('HSET', earlierKey, playerId, lines)
end

local run, settledAt = unpack(redis.call('HMGET', runsKey, runId, runId .. ':settledAt'))
local isMember = redis.call('HEXISTS', playersKey, playerId)
local isCurrent = run and not settledAt and string.find(run, versionText, 1, true)
local age = shard.at - tonumber(receivedAt)
if not isCurrent or isMember == 0 or idOf(standing) ~= expected or age < 0 or age > tonumber(maxAge) then
  return addLiveRuns({ shard.now, 'again', isMember, standing, settledAt and 1 or 0 }, runsKey)
end
if verdict ~= 'accepted' then
  keepEarlier(record)
  return { shard.now, 'stored' }
end
if standing then keepEarlier(standing) end
redis.call('HSET', answersKey, playerId, record)
redis.call('SADD', stirredKey, roomId)
return { shard.now, 'stored' }
