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

-- Adds their records to a reply.
local function addLiveRuns(reply, runsKey)
  local live = redis.call('HGET', runsKey, 'live') or ''
  for id in string.gmatch(live, '%d+') do reply[#reply + 1] = redis.call('HGET', runsKey, id) end
  return reply
end
