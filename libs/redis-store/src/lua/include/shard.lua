-- Lua's own conversion keeps 14 digits only.
local function int(number)
  return string.format('%.0f', number)
end

-- The shard's clock and lease, read once per script. `at` is Redis TIME plus the shard's correction, in whole ms; `now` is
-- the same as text.
local function readShard(ownerKey)
  local time = redis.call('TIME')
  local kept = redis.call('HMGET', ownerKey, 'correction', 'owner', 'epoch', 'until')
  local at = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(kept[1] or 0)
  return {
    at = at,
    now = int(at),
    owner = kept[2] or '',
    epoch = tonumber(kept[3] or 0),
    heldUntil = tonumber(kept[4] or 0),
  }
end

-- True when the lease is the caller's: only then may an owner's script write or publish.
local function holds(shard, ownerId, epoch)
  return shard.owner == ownerId and shard.epoch == tonumber(epoch) and shard.heldUntil > shard.at
end
