-- now, visitor, number, origin, verb (confirm, renew, view, leave) -> {1 it is theirs or 0 it is lost, epoch}
local now, visitor, number, verb = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[5]
local epoch = redis.call('HGET', META, 'epoch') or ''
local lease = lease_of(visitor)
if not lease or lease[NUMBER] ~= number then return {0, epoch} end
if verb == 'confirm' then lease[CONFIRMED] = 1 end
if lease[CONFIRMED] == 1 or (verb == 'view' and ends(lease) > now) then
  lease[ACTIVE] = math.max(lease[ACTIVE], now)
  lease[LEFT] = verb == 'leave' and lease[ACTIVE] or -1
  if lease[LIVE] == 0 then
    lease[LIVE] = 1
    redis.call('ZADD', ENDS, ends(lease), visitor)
    redis.call('ZREM', FREE, number)
  end
  put(visitor, lease)
  event(verb, ARGV[4], visitor, number, now)
end
return {1, epoch}
