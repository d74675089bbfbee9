-- Publishes one event to one Socket.IO room. `head` is the adapter's message up to the payload's last fields, which
-- depend on the instant: `remaining` is '' for none, 'null', a fixed length, or '@' and the deadline to count to.
local function publish(channel, head, remaining, content, tail, shard)
  local told = ''
  if string.sub(remaining, 1, 1) == '@' then
    remaining = int(math.max(0, tonumber(string.sub(remaining, 2)) - shard.at))
  end
  if remaining ~= '' then told = '"remainingMs":' .. remaining .. ',' end
  if content then content = ',"content":' .. content else content = '' end
  redis.call('SPUBLISH', channel, head .. told .. '"serverNow":' .. shard.now .. content .. tail)
end
