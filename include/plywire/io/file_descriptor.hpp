// Ownership of a POSIX file descriptor.
#pragma once

#ifndef __linux__
#error "plywire: file descriptors are owned, so far, on Linux only"
#endif

#include <unistd.h>

#include <utility>

namespace plywire {

// Closes its file descriptor at the end of its life; move-only. -1 is none.
class file_descriptor {
public:
    file_descriptor() = default;
    explicit file_descriptor(int number)
        : number_(number) {}
    file_descriptor(file_descriptor&& other) noexcept
        : number_(std::exchange(other.number_, -1)) {}
    file_descriptor& operator=(file_descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~file_descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }

    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

private:
    int number_ = -1;
};

} // namespace plywire
