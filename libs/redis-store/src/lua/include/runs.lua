-- The runs of a room that answers can be meant for: those that are not settled, and the current one. Kept as
-- ' <run id> <run id> ' in the field `live` of its runs, the current one last.
local function noteLiveRun(runsKey, runId)
  local known = redis.call('HGET', runsKey, 'live') or ' '
  if string.find(known, ' ' .. runId .. ' ', 1, true) then return end
  local kept = ' '
  for id in string.gmatch(known, '%d+') do
    if redis.call('HEXISTS', runsKey, id .. ':settledAt') == 0 then kept = kept .. id .. ' ' end
  end
  redis.call('HSET', runsKey, 'live', kept .. runId .. ' ')
end

local function forgetLiveRun(runsKey, runId)
  local known = redis.call('HGET', runsKey, 'live') or ' '
  local from, to = string.find(known, ' ' .. runId .. ' ', 1, true)
  if from and to < #known then
    redis.call('HSET', runsKey, 'live', string.sub(known, 1, from) .. string.sub(known, to + 1))
  end
end

local function questionOf(record)
  return string.match(record, '"questionId":"([^"]*)"')
end

-- Keeps a run's record and adds to its timeline, which it has from its first record on. With that it becomes the newest run
-- of its question.
local function noteRun(runsKey, runId, record, timeline)
  local timelineField = runId .. ':timeline'
  local told = redis.call('HGET', runsKey, timelineField)
  redis.call('HSET', runsKey, runId, record, timelineField, (told or '') .. timeline)
  if told then return end
  redis.call('HSET', runsKey, 'newest:' .. questionOf(record), runId)
  noteLiveRun(runsKey, runId)
end

-- A room's settled runs are a list, in the order of settling: from `firstSettled` by `<run id>:next` to `lastSettled`.
local function noteSettledRun(runsKey, runId, at)
  local last = redis.call('HGET', runsKey, 'lastSettled')
  local before = last and last .. ':next' or 'firstSettled'
  redis.call('HSET', runsKey, before, runId, 'lastSettled', runId, runId .. ':settledAt', at)
  forgetLiveRun(runsKey, runId)
end

-- Forgets at most `limit` runs that were settled no later than `at`; not the current one, nor the one settled last.
local function forgetSettledRuns(runsKey, at, limit)
  local runId, live = unpack(redis.call('HMGET', runsKey, 'firstSettled', 'live'))
  for _ = 1, limit do
    local nextId, settledAt, record =
      unpack(redis.call('HMGET', runsKey, runId .. ':next', runId .. ':settledAt', runId))
    if not nextId or tonumber(settledAt) > at or string.match(live, '(%d+) $') == runId then return end
    local newest = 'newest:' .. questionOf(record)
    if redis.call('HGET', runsKey, newest) == runId then redis.call('HDEL', runsKey, newest) end
    redis.call('HDEL', runsKey, runId)
    for _, field in ipairs({ 'correct', 'settledAt', 'body', 'timeline', 'next' }) do
      redis.call('HDEL', runsKey, runId .. ':' .. field)
    end
    redis.call('HSET', runsKey, 'firstSettled', nextId)
    runId = nextId
  end
end

-- Adds the records of the live ones to a reply.
local function addLiveRuns(reply, runsKey)
  local live = redis.call('HGET', runsKey, 'live') or ''
  for id in string.gmatch(live, '%d+') do reply[#reply + 1] = redis.call('HGET', runsKey, id) end
  return reply
end
