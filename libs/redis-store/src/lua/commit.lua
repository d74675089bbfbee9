-- Commits decisions on rooms of one shard, each by itself: compares version and window, then writes the state, its
-- runs and due instants, appends the change if a gateway made it, and publishes the events.
-- KEYS: owner, due, changes, then per room: room, runs, and when the room is over: pin, players, names, presence, counts
-- ARGV: owner id ('' for a gateway), epoch, how long a closed room's PIN stays reserved (ms)
--   then per room: room id, expected version, not before, not after (exclusive), new version, new state, next instant
--   or '', what to do with the content (keep, set, drop), content, retention (ms; '' unless the room is over),
--   number of runs, number of events
--     per run: run id, record, instant of settling or '', right answer or '', what is added to its timeline (JSON lines)
--     per event: channel, head of the frame, remaining, which content (none, before this commit, or after it), tail
-- Returns: { now, lease held until, then per room: '' committed, or { why (version, window, gone), state, content } }
-- or { now, 'fence' }
-- Publishes: the events, one message each to the room's channel
local shard = readShard(KEYS[1])
local dueKey, changesKey, ownerId, pinReservedMs = KEYS[2], KEYS[3], ARGV[1], ARGV[3]
if ownerId ~= '' and not holds(shard, ownerId, ARGV[2]) then return { shard.now, 'fence' } end
local call = redis.call
local k, a = 3, 3
local function nextArgs(count)
  a = a + count
  return unpack(ARGV, a - count + 1, a)
end
local function nextKeys(count)
  k = k + count
  return unpack(KEYS, k - count + 1, k)
end
local due = {}
local reply = { shard.now, int(shard.heldUntil) }
local last = #ARGV
while a < last do
  local roomId, expected, notBefore, notAfter, version, state, nextAt, contentOp, content, retention, runs, events =
    nextArgs(12)
  local roomKey, runsKey = nextKeys(2)
  local held = call('HMGET', roomKey, 'v', 'content')
  local why = ''
  if not held[1] then why = 'gone'
  elseif held[1] ~= expected then why = 'version'
  elseif shard.at < tonumber(notBefore) or shard.at >= tonumber(notAfter) then why = 'window' end
  if why == '' then
    local before, after = held[2], held[2]
    call('HSET', roomKey, 'v', version, 'state', state)
    if contentOp == 'set' then
      after = content
      call('HSET', roomKey, 'content', content)
    elseif contentOp == 'drop' then
      after = false
      call('HDEL', roomKey, 'content')
    end
    if nextAt == '' then call('ZREM', dueKey, roomId) else due = addDue(dueKey, due, nextAt, roomId) end
    for _ = 1, tonumber(runs) do
      local runId, record, settlesAt, correct, timeline = nextArgs(5)
      noteRun(runsKey, runId, record, timeline)
      if correct ~= '' then call('HSET', runsKey, runId .. ':correct', correct) end
      if settlesAt ~= '' then due = addDue(dueKey, due, settlesAt, roomId .. '/' .. runId) end
    end
    if retention ~= '' then
      if call('HSET', roomKey, 'closed', '1') == 1 then call('HINCRBY', KEYS[1], 'rooms', -1) end
      call('PEXPIRE', KEYS[k + 1], pinReservedMs)
      for _, key in ipairs({ roomKey, runsKey, unpack(KEYS, k + 2, k + 5) }) do call('PEXPIRE', key, retention) end
      k = k + 5
    end
    -- Who owns the shard knows what it commits itself by the reply.
    if ownerId == '' then call('XADD', changesKey, 'MAXLEN', '~', '10000', '*', 'room', roomId, 'version', version) end
    for _ = 1, tonumber(events) do
      local channel, head, remaining, which, tail = nextArgs(5)
      publish(channel, head, remaining, which == 'before' and before or which == 'after' and after, tail, shard)
    end
    reply[#reply + 1] = ''
  else
    a = a + 5 * runs + 5 * events
    if retention ~= '' then k = k + 5 end
    local current = call('HMGET', roomKey, 'state', 'content')
    reply[#reply + 1] = { why, current[1], current[2] }
  end
end
writeDue(dueKey, due)
return reply
