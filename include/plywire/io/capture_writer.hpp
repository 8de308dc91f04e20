// Frames into a capture file that tcpdump, tshark and Wireshark open. The time of each frame is an argument, so that a
// simulation records its own.
#pragma once

#include <plywire/bytes/span.hpp>
#include <plywire/io/os_error.hpp>
#include <plywire/io/pcap_format.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <utility>

namespace plywire {

// A capture file being written (pcap_format.hpp). Move-only; closed at the end of its life. What could not be written
// is told by close().
class capture_writer {
public:
    // Creates the file, or empties it when it exists.
    static std::expected<capture_writer, os_error> create(char const* path, medium m) {
        capture_writer made;
        made.file_ = std::fopen(path, "wb");
        if (made.file_ == nullptr) {
            return std::unexpected(os_error{errno, "cannot create the capture file", {}});
        }
        made.put(pcap::file_header(m));
        return made;
    }

    capture_writer(capture_writer&& other) noexcept
        : file_(std::exchange(other.file_, nullptr))
        , frames_(other.frames_)
        , error_(other.error_) {}
    capture_writer& operator=(capture_writer&& other) noexcept {
        std::swap(file_, other.file_);
        std::swap(frames_, other.frames_);
        std::swap(error_, other.error_);
        return *this;
    }
    ~capture_writer() { static_cast<void>(close()); }

    // Adds a frame. One longer than 256 KiB is kept up to there, its true length noted.
    void write(instant when, bytes_view frame) {
        bytes_view const kept =
            frame.first(frame.size() < pcap::largest_frame_octets ? frame.size() : pcap::largest_frame_octets);
        put(pcap::frame_header(when, kept.size(), frame.size()));
        put(kept);
        ++frames_;
    }

    // Frames added so far.
    std::uint64_t frames() const { return frames_; }

    // Hands what was added to the operating system, so that a reader sees it.
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
    capture_writer() = default;

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
    int error_ = 0; // errno of the first failure
};

} // namespace plywire
