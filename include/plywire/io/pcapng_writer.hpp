// Frames of several interfaces into one capture file that tcpdump, tshark and Wireshark open, each with its time to the
// nanosecond and its direction. The time is an argument, so that a simulation records its own.
//
//     auto file = pcapng_writer::create("run.pcapng");
//     auto const left = file->add_interface(medium::ip, "left");
//     file->write(left, now, frame, pcapng::direction::outbound);
#pragma once

#include <plywire/bytes/span.hpp>
#include <plywire/io/os_error.hpp>
#include <plywire/io/pcapng_format.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <string_view>
#include <utility>

namespace plywire {

// A capture file being written (pcapng_format.hpp). Move-only; closed at the end of its life. What could not be written
// is told by close().
class pcapng_writer {
public:
    // Creates the file, or empties it when it exists.
    static std::expected<pcapng_writer, os_error> create(char const* path) {
        pcapng_writer made;
        made.file_ = std::fopen(path, "wb");
        if (made.file_ == nullptr) {
            return std::unexpected(os_error{errno, "cannot create the capture file", {}});
        }
        made.put(pcapng::section_header());
        return made;
    }

    pcapng_writer(pcapng_writer&& other) noexcept
        : file_(std::exchange(other.file_, nullptr))
        , frames_(other.frames_)
        , interfaces_(other.interfaces_)
        , error_(other.error_) {}
    pcapng_writer& operator=(pcapng_writer&& other) noexcept {
        std::swap(file_, other.file_);
        std::swap(frames_, other.frames_);
        std::swap(interfaces_, other.interfaces_);
        std::swap(error_, other.error_);
        return *this;
    }
    ~pcapng_writer() { static_cast<void>(close()); }

    // Adds an interface, whose name may be empty, and answers its number.
    std::uint32_t add_interface(medium m, std::string_view name) {
        put(pcapng::interface_description(m, name).view());
        return interfaces_++;
    }

    // Adds a frame of an interface that was added before. One longer than 256 KiB is kept up to there, its true length
    // noted.
    void write(std::uint32_t interface, instant when, bytes_view frame,
               pcapng::direction way = pcapng::direction::unknown) {
        constexpr std::array<std::byte, 3> padding{};
        bytes_view const kept = frame.first(std::min<std::size_t>(frame.size(), pcapng::largest_frame_octets));
        put(pcapng::packet_front(interface, when, kept.size(), frame.size()));
        put(kept);
        put(bytes_view(padding).first(pcapng::padded(kept.size()) - kept.size()));
        put(pcapng::packet_back(kept.size(), way));
        ++frames_;
    }

    // Frames added so far.
    std::uint64_t frames() const { return frames_; }

    // Hands everything to the operating system.
    std::expected<void, os_error> flush() {
        if (file_ != nullptr && std::fflush(file_) != 0 && error_ == 0) {
            error_ = errno;
        }
        return outcome();
    }

    // Closes the file; an error when any part of it could not be written.
    std::expected<void, os_error> close() {
        if (file_ != nullptr && std::fclose(std::exchange(file_, nullptr)) != 0 && error_ == 0) {
            error_ = errno;
        }
        return outcome();
    }

private:
    pcapng_writer() = default;

    void put(bytes_view octets) {
        if (file_ != nullptr && std::fwrite(octets.data(), 1, octets.size(), file_) != octets.size() && error_ == 0) {
            error_ = errno;
        }
    }

    std::expected<void, os_error> outcome() const {
        if (error_ != 0) {
            return std::unexpected(os_error{error_, "cannot write the capture file", {}});
        }
        return {};
    }

    std::FILE* file_ = nullptr;
    std::uint64_t frames_ = 0;
    std::uint32_t interfaces_ = 0;
    int error_ = 0; // errno of the first failure
};

} // namespace plywire
