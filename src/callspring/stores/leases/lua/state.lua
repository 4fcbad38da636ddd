-- -> {epoch, count, {visitor, lease, ...}, {number, {turn, visitor, ...}, ...}}
return {
  redis.call('HGET', META, 'epoch') or '', tonumber(redis.call('HGET', META, 'count') or '0'),
  redis.call('HGETALL', LEASES), redis.call('HGETALL', HOLDERS)
}
