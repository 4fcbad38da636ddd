-- now, visitor, print, origin, cursor, epoch, visit, source, device, hold, share, own, candidates, sharers
-- (cursor: events after it are told, none where it is -1)
-- -> {number, reason, fresh, overflow, count, events}; {'unknown', epoch} to a door that must first say what it knows
local now, visitor, origin, cursor = tonumber(ARGV[1]), ARGV[2], ARGV[4], tonumber(ARGV[5])
local visit, source, device, hold = ARGV[7], ARGV[8], ARGV[9], tonumber(ARGV[10])
local share, own, candidates, sharers = ARGV[11] == '1', ARGV[12], ARGV[13], ARGV[14]
local known = redis.call('HMGET', META, 'epoch', 'print')
local epoch = known[1] or ''
if epoch ~= ARGV[6] or known[2] ~= ARGV[3] then return {'unknown', epoch} end
follow(ARGV[3])
end_holds(now)

local function answer(number, reason, fresh, overflow)
  local count = tonumber(redis.call('HGET', META, 'count') or '0')
  local events = cursor >= 0 and count > cursor and redis.call('XRANGE', EVENTS, (cursor + 1) .. '-0', '+') or {}
  return {number, reason, fresh and 1 or 0, overflow and 1 or 0, count, events}
end

local function hand_out(number)
  local former = lease_of(visitor)
  if former then forget(visitor, former, now) end
  local holders, before = {event('grant', origin, visitor, number, now, visit, source, device)}, holders_of(number)
  for at = 2, #before do
    local lease = lease_of(before[at])
    if lease and lease[LIVE] == 1 then
      holders[#holders + 1] = before[at]
    else
      redis.call('HDEL', LEASES, before[at])
    end
  end
  holders[#holders + 1] = visitor
  put_holders(number, holders)
  put(visitor, {number, now, hold, 0, 1, visit, source, device, now, -1})
  redis.call('ZADD', ENDS, now + UNCONFIRMED, visitor)
  redis.call('ZREM', FREE, number)
  expire_keys()
end

local lease = lease_of(visitor)
if lease and lease[LIVE] == 1 and in_pool(lease[NUMBER]) then
  local fresh = lease[VISIT] ~= visit
  lease[ACTIVE] = math.max(lease[ACTIVE], now)
  lease[LEFT] = -1
  if fresh then
    lease[VISIT] = visit
    lease[START] = now
  end
  put(visitor, lease)
  event('went_on', origin, visitor, lease[NUMBER], now, visit, source, device)
  return answer(lease[NUMBER], 'held', fresh, #live_holders(lease[NUMBER], visitor) > 0)
end

for candidate in string.gmatch(own .. ' ' .. candidates, '%d+') do
  if redis.call('ZSCORE', FREE, candidate) then
    hand_out(tonumber(candidate))
    return answer(tonumber(candidate), candidate == own and 'own_last' or 'free', true, false)
  end
end
local first = redis.call('ZRANGE', FREE, 0, 0)[1]
if first then
  hand_out(tonumber(first))
  return answer(tonumber(first), 'free', true, false)
end

local shared = share and redis.call('SRANDMEMBER', NUMBERS)
if not shared then return answer(0, 'left', true, true) end
for candidate in string.gmatch(sharers, '%d+') do
  if in_pool(candidate) then
    shared = candidate
    break
  end
end
local reason = 'shared_source'
for _, holder in ipairs(live_holders(shared, visitor)) do
  if holder[2][SOURCE] ~= source then reason = 'shared' end
end
hand_out(tonumber(shared))
return answer(tonumber(shared), reason, true, true)
