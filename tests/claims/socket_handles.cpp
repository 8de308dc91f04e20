// Sockets are handles: they move, are never copied, and an empty one answers `closed`.
#include <plywire/io/memory_link.hpp>
#include <plywire/stack/hosts.hpp>

#include <concepts>
#include <type_traits>

namespace {

using namespace plywire;
using host = ip_host<memory_link<medium::ip>::end>;

template <class Socket>
concept handle = std::default_initializable<Socket> && std::movable<Socket> && !std::copyable<Socket> &&
                 std::is_nothrow_move_constructible_v<Socket> && std::is_nothrow_move_assignable_v<Socket>;
static_assert(handle<host::tcp_socket>);
static_assert(handle<host::tcp_listener>);
static_assert(handle<host::udp_socket>);

// A pointer and an id, nothing more.
static_assert(sizeof(host::tcp_socket) == sizeof(void*) + sizeof(pool_id));

static_assert(!host::tcp_socket());
static_assert(host::tcp_socket().state() == tcp::state::closed);
static_assert(host::tcp_socket().send({}) == std::unexpected(socket_error::closed));
static_assert(host::tcp_socket().receive({}) == std::unexpected(socket_error::closed));
static_assert(host::tcp_socket().shutdown() == std::unexpected(socket_error::closed));
static_assert(host::tcp_listener().accept().error() == socket_error::closed);
static_assert(host::tcp_listener().port() == 0);
static_assert(host::udp_socket().send_to({}, {}) == std::unexpected(socket_error::closed));
static_assert(host::udp_socket().receive_from({}).error() == socket_error::closed);

// Errors of the machine keep their names.
static_assert(to_socket_error(tcp::error::would_block) == socket_error::would_block);
static_assert(to_socket_error(tcp::error::end_of_stream) == socket_error::end_of_stream);
static_assert(to_socket_error(tcp::error::refused) == socket_error::refused);
static_assert(to_socket_error(tcp::error::reset) == socket_error::reset);
static_assert(to_socket_error(tcp::error::timed_out) == socket_error::timed_out);
static_assert(name_of(socket_error::timed_out) == "timed out");

} // namespace
