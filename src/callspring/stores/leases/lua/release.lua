-- visitor, origin
local lease = lease_of(ARGV[1])
if lease then
  follow(redis.call('HGET', META, 'print'))
  forget(ARGV[1], lease, lease[ACTIVE])
  event('release', ARGV[2], ARGV[1], lease[NUMBER], lease[ACTIVE])
end
return 1
