// All of plywire but with/, floor by floor. What only exists on Linux is left out elsewhere.
#pragma once

#include <plywire/base/fixed_string.hpp>
#include <plywire/base/literal.hpp>
#include <plywire/base/random.hpp>
#include <plywire/base/required.hpp>
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

#include <plywire/machine/acknowledgments.hpp>
#include <plywire/machine/answers.hpp>
#include <plywire/machine/arrivals.hpp>
#include <plywire/machine/buffer_storage.hpp>
#include <plywire/machine/challenge.hpp>
#include <plywire/machine/congestion_controller.hpp>
#include <plywire/machine/connection.hpp>
#include <plywire/machine/control_block.hpp>
#include <plywire/machine/delayed_acknowledgment.hpp>
#include <plywire/machine/duplicate_acks.hpp>
#include <plywire/machine/errors.hpp>
#include <plywire/machine/events.hpp>
#include <plywire/machine/handshake.hpp>
#include <plywire/machine/incoming.hpp>
#include <plywire/machine/initial_sequence.hpp>
#include <plywire/machine/loss_recovery.hpp>
#include <plywire/machine/new_reno.hpp>
#include <plywire/machine/no_congestion_control.hpp>
#include <plywire/machine/options_writer.hpp>
#include <plywire/machine/patience.hpp>
#include <plywire/machine/plan.hpp>
#include <plywire/machine/policies.hpp>
#include <plywire/machine/reassembly.hpp>
#include <plywire/machine/receive_path.hpp>
#include <plywire/machine/reset.hpp>
#include <plywire/machine/round_trip.hpp>
#include <plywire/machine/send_path.hpp>
#include <plywire/machine/sequence.hpp>
#include <plywire/machine/settings.hpp>
#include <plywire/machine/slot.hpp>
#include <plywire/machine/states.hpp>
#include <plywire/machine/timers.hpp>
#include <plywire/machine/timestamps.hpp>

#include <plywire/protocols/arp_layer.hpp>
#include <plywire/protocols/endpoint.hpp>
#include <plywire/protocols/ethernet_layer.hpp>
#include <plywire/protocols/hash_index.hpp>
#include <plywire/protocols/icmpv4_layer.hpp>
#include <plywire/protocols/index_list.hpp>
#include <plywire/protocols/ipv4_layer.hpp>
#include <plywire/protocols/layer.hpp>
#include <plywire/protocols/neighbours.hpp>
#include <plywire/protocols/pool.hpp>
#include <plywire/protocols/rate_limit.hpp>
#include <plywire/protocols/secret.hpp>
#include <plywire/protocols/socket_error.hpp>
#include <plywire/protocols/tcp_entry.hpp>
#include <plywire/protocols/tcp_layer.hpp>
#include <plywire/protocols/tcp_settings.hpp>
#include <plywire/protocols/tcp_table.hpp>
#include <plywire/protocols/timer_wheel.hpp>
#include <plywire/protocols/udp_layer.hpp>

#include <plywire/socket/services.hpp>
#include <plywire/socket/tcp_listener.hpp>
#include <plywire/socket/tcp_socket.hpp>
#include <plywire/socket/udp_socket.hpp>

#include <plywire/stack/composition.hpp>
#include <plywire/stack/hosts.hpp>
#include <plywire/stack/stack.hpp>

#if defined(__linux__)
#include <plywire/io/event_wait.hpp>
#include <plywire/io/file_descriptor.hpp>
#include <plywire/io/linux_tuntap.hpp>
#include <plywire/io/tap.hpp>
#include <plywire/io/tun.hpp>
#include <plywire/stack/run.hpp>
#endif
