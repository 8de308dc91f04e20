// Puts what passes an end of a weather_link into a capture file.
//
//     frame_recorder recorder(*file, medium::ip, "left");
//     link.first().watch(&recorder);
#pragma once

#include <plywire/io/pcapng_writer.hpp>
#include <plywire/io/weather_path.hpp>

#include <cstdint>
#include <string_view>

namespace plywire {

// One end as an interface of a file; several may write to the same one. The file must outlive it.
class frame_recorder final : public frame_witness {
public:
    frame_recorder(pcapng_writer& file, medium m, std::string_view name)
        : file_(file)
        , interface_(file.add_interface(m, name)) {}

    void sees(bytes_view frame, instant when, bool sent) override {
        file_.write(interface_, when, frame, sent ? pcapng::direction::outbound : pcapng::direction::inbound);
    }

private:
    pcapng_writer& file_;
    std::uint32_t interface_;
};

} // namespace plywire
