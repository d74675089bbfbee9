-- Fixes the outcomes of runs for good, each once; answers are kept for the retention time from now on. Of a room with a
-- webhook not before its outcome is queued: a job without an outcome waits, an outcome without a job would be sent to nobody.
-- Forgets a few runs whose answers are not kept any more, so that a room that lives for long holds no more and more of them.
-- KEYS: owner, due, then per run: runs, answers, earlier, room
-- ARGV: owner id, epoch, retention (ms), 1 when the outcomes are queued (or never will be), else 0; then per run: due entry,
--   run id
-- Returns: per run: settled, already, early or unqueued; or fence
local shard = readShard(KEYS[1])
local dueKey, retention, isQueued = KEYS[2], ARGV[3], ARGV[4] == '1'
if not holds(shard, ARGV[1], ARGV[2]) then return 'fence' end
local call = redis.call
local function settle(entry, runId, runsKey, answersKey, earlierKey, roomKey)
  local record, settledAt = unpack(call('HMGET', runsKey, runId, runId .. ':settledAt'))
  local settlesAt = record and tonumber(string.match(record, '"settlesAt":(%d+)'))
  if settlesAt and shard.at < settlesAt then return 'early' end
  if not settlesAt or settledAt then
    call('ZREM', dueKey, entry)
    return 'already'
  end
  local settings = cjson.decode(call('HGET', roomKey, 'settings') or '{}')
  if not isQueued and settings.webhook then return 'unqueued' end
  -- Nobody asks for them.
  local kept = settings.outcomes == 'none' and 0 or retention
  call('ZREM', dueKey, entry)
  noteSettledRun(runsKey, runId, shard.now)
  forgetSettledRuns(runsKey, shard.at - kept, 16)
  call('PEXPIRE', answersKey, kept)
  call('PEXPIRE', earlierKey, kept)
  return 'settled'
end
local results = {}
for i = 1, (#ARGV - 4) / 2 do
  results[i] = settle(ARGV[2 * i + 3], ARGV[2 * i + 4], unpack(KEYS, 4 * i - 1, 4 * i + 2))
end
return results
