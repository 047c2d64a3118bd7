# shellcheck shell=sh
# Sends to the internet as fast as a program that means to be seen: IPv4, IPv6, and questions to name servers of all
# kinds, past the tunnel if there is any way. Run as root in a container behind the VPN. Ends with its container.
question='\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04leak\x04test\x00\x00\x01\x00\x01'
tell() { bash -c "printf '$question' >/dev/udp/$1/53" 2>/dev/null; }
while :; do
    curl --silent --ipv4 --max-time 1 --output /dev/null http://203.0.113.10/ip &
    curl --silent --ipv6 --max-time 1 --output /dev/null 'http://[2001:db8:113::10]/ip' &
    getent ahosts leak.test >/dev/null &
    tell 198.51.100.53 & # the provider's own name server
    tell 8.8.8.8 &
    tell 2001:db8:51::53 &
    tell 2001:4860:4860::8888 &
    sleep 0.1
done
