// All of plywire but with/, floor by floor. What only exists on Linux is left out elsewhere.
#pragma once

#include <plywire/base/because.hpp>
#include <plywire/base/fixed_string.hpp>
#include <plywire/base/literal.hpp>
#include <plywire/base/random.hpp>
#include <plywire/base/siphash.hpp>
#include <plywire/base/static_vector.hpp>
#include <plywire/base/text.hpp>
#include <plywire/base/time.hpp>
#include <plywire/base/version.hpp>

#include <plywire/bytes/bits.hpp>
#include <plywire/bytes/checksum.hpp>
#include <plywire/bytes/endian.hpp>
#include <plywire/bytes/ring.hpp>
#include <plywire/bytes/span.hpp>

#include <plywire/describe/build.hpp>
#include <plywire/describe/carries.hpp>
#include <plywire/describe/coding.hpp>
#include <plywire/describe/description.hpp>
#include <plywire/describe/field.hpp>
#include <plywire/describe/options.hpp>
#include <plywire/describe/packet.hpp>
#include <plywire/describe/parse.hpp>
#include <plywire/describe/parse_chain.hpp>
#include <plywire/describe/print.hpp>
#include <plywire/describe/view.hpp>

#include <plywire/headers/arp.hpp>
#include <plywire/headers/ethernet.hpp>
#include <plywire/headers/ethernet_address.hpp>
#include <plywire/headers/ethernet_types.hpp>
#include <plywire/headers/icmpv4.hpp>
#include <plywire/headers/ipv4.hpp>
#include <plywire/headers/ipv4_address.hpp>
#include <plywire/headers/ipv4_protocols.hpp>
#include <plywire/headers/tcp.hpp>
#include <plywire/headers/tcp_options.hpp>
#include <plywire/headers/udp.hpp>

#include <plywire/io/capture_writer.hpp>
#include <plywire/io/device.hpp>
#include <plywire/io/device_capabilities.hpp>
#include <plywire/io/device_statistics.hpp>
#include <plywire/io/frame.hpp>
#include <plywire/io/frame_queue.hpp>
#include <plywire/io/frame_storage.hpp>
#include <plywire/io/heap_array.hpp>
#include <plywire/io/medium.hpp>
#include <plywire/io/memory_link.hpp>
#include <plywire/io/monotonic_clock.hpp>
#include <plywire/io/os_error.hpp>
#include <plywire/io/pcap_format.hpp>

#include <plywire/machine/errors.hpp>
#include <plywire/machine/events.hpp>
#include <plywire/machine/initial_sequence.hpp>
#include <plywire/machine/round_trip.hpp>
#include <plywire/machine/sequence.hpp>
#include <plywire/machine/states.hpp>

#include <plywire/protocols/hash_index.hpp>
#include <plywire/protocols/index_list.hpp>
#include <plywire/protocols/pool.hpp>
#include <plywire/protocols/timer_wheel.hpp>

#if defined(__linux__)
#include <plywire/io/event_wait.hpp>
#include <plywire/io/file_descriptor.hpp>
#include <plywire/io/linux_tuntap.hpp>
#include <plywire/io/tap.hpp>
#include <plywire/io/tun.hpp>
#endif
