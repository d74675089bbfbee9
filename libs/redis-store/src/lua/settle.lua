-- Fixes a run's outcome for good, once; its answers are kept for the retention time from now on. Of a room with a webhook not
-- before its outcome is queued: a job without an outcome waits, an outcome without a job would be sent to nobody.
-- Forgets a few runs whose answers are not kept any more, so that a room that lives for long holds no more and more of them.
-- KEYS: owner, due, runs, answers, earlier, room
-- ARGV: owner id, epoch, due entry, run id, retention (ms), 1 when its outcome is queued (or never will be), else 0
-- Returns: settled, already, early, unqueued or fence
local shard = readShard(KEYS[1])
local dueKey, runsKey, entry, runId, retention = KEYS[2], KEYS[3], ARGV[3], ARGV[4], ARGV[5]
if not holds(shard, ARGV[1], ARGV[2]) then return 'fence' end
local run = redis.call('HMGET', runsKey, runId, runId .. ':settledAt')
local settlesAt = run[1] and cjson.decode(run[1]).settlesAt
if type(settlesAt) == 'number' and shard.at < settlesAt then return 'early' end
if type(settlesAt) ~= 'number' or run[2] then
  redis.call('ZREM', dueKey, entry)
  return 'already'
end
local settings = cjson.decode(redis.call('HGET', KEYS[6], 'settings') or '{}')
if ARGV[6] == '0' and settings.webhook then return 'unqueued' end
-- Nobody asks for them.
if settings.outcomes == 'none' then retention = 0 end
redis.call('ZREM', dueKey, entry)
noteSettledRun(runsKey, runId, int(shard.at))
forgetSettledRuns(runsKey, shard.at - retention, 16)
redis.call('PEXPIRE', KEYS[4], retention)
redis.call('PEXPIRE', KEYS[5], retention)
return 'settled'
