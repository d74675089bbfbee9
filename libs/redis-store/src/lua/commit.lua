-- Commits decisions on rooms of one shard, each by itself: compares version and window, then writes the state, its
-- runs and due instants, appends the change and publishes the events.
-- KEYS: owner, due, changes, then per room: room, runs, and when the room is over: pin, players, presence
-- ARGV: owner id ('' for a gateway), epoch, frame tail, how long a closed room's PIN stays reserved (ms)
--   then per room: room id, expected version, not before, not after (exclusive), new version, new state, next instant
--   or '', what to do with the content (keep, set, drop), content, retention (ms; '' unless the room is over),
--   number of runs, number of events
--     per run: run id, record, instant of settling or '', right answer or ''
--     per event: channel, head of the frame, remaining, which content (none, before this commit, or after it)
-- Returns: { now, lease held until, then per room: why not ('' committed, version, window, gone), state, content }
-- or { now, 'fence' }
-- Publishes: the events, one message each to the room's channel
local shard = readShard(KEYS[1])
local dueKey, changesKey, ownerId, tail, pinReservedMs = KEYS[2], KEYS[3], ARGV[1], ARGV[3], ARGV[4]
if ownerId ~= '' and not holds(shard, ownerId, ARGV[2]) then return { int(shard.at), 'fence' } end
local k, a = 3, 4
local function nextArgs(count)
  a = a + count
  return unpack(ARGV, a - count + 1, a)
end
local function nextKeys(count)
  k = k + count
  return unpack(KEYS, k - count + 1, k)
end
local function plan(name, at)
  if at == '' then redis.call('ZREM', dueKey, name) else redis.call('ZADD', dueKey, at, name) end
end
local reply = { int(shard.at), int(shard.heldUntil) }
while a < #ARGV do
  local roomId, expected, notBefore, notAfter, version, state, nextAt, contentOp, content, retention, runs, events =
    nextArgs(12)
  local roomKey, runsKey = nextKeys(2)
  local held = redis.call('HGET', roomKey, 'v')
  local why = ''
  if not held then why = 'gone'
  elseif held ~= expected then why = 'version'
  elseif shard.at < tonumber(notBefore) or shard.at >= tonumber(notAfter) then why = 'window' end
  if why == '' then
    local contents = { before = contentOp ~= 'keep' and redis.call('HGET', roomKey, 'content') }
    redis.call('HSET', roomKey, 'v', version, 'state', state)
    if contentOp == 'set' then redis.call('HSET', roomKey, 'content', content)
    elseif contentOp == 'drop' then redis.call('HDEL', roomKey, 'content') end
    plan(roomId, nextAt)
    for _ = 1, tonumber(runs) do
      local runId, record, settlesAt, correct = nextArgs(4)
      redis.call('HSET', runsKey, runId, record)
      if correct ~= '' then redis.call('HSET', runsKey, runId .. ':correct', correct) end
      if settlesAt ~= '' then plan(roomId .. '/' .. runId, settlesAt) end
    end
    if retention ~= '' then
      local pinKey, playersKey, presenceKey = nextKeys(3)
      redis.call('HSET', roomKey, 'closed', '1')
      redis.call('PEXPIRE', pinKey, pinReservedMs)
      for _, key in ipairs({ roomKey, runsKey, playersKey, presenceKey }) do redis.call('PEXPIRE', key, retention) end
    end
    redis.call('XADD', changesKey, 'MAXLEN', '~', '10000', '*', 'room', roomId, 'version', version)
    contents.after = tonumber(events) > 0 and redis.call('HGET', roomKey, 'content')
    if contentOp == 'keep' then contents.before = contents.after end
    for _ = 1, tonumber(events) do
      local channel, head, remaining, which = nextArgs(4)
      publish(channel, head, remaining, contents[which], tail, shard.at)
    end
    for _, value in ipairs({ '', false, false }) do reply[#reply + 1] = value end
  else
    a = a + 4 * runs + 4 * events
    if retention ~= '' then k = k + 3 end
    local current = redis.call('HMGET', roomKey, 'state', 'content')
    for _, value in ipairs({ why, current[1], current[2] }) do reply[#reply + 1] = value end
  end
end
return reply
