// As much of Catch2's face as the tests of the wire floors need, for machines that Debian builds no Catch2 for: test cases,
// sections, checks. A failed check prints its place; what was compared is found on a machine with the real Catch2.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

namespace catch_stand_in {

struct test_case {
    char const* name;
    void (*body)();
};

inline std::vector<test_case> test_cases;
inline unsigned failures = 0;
inline unsigned checks = 0;

struct enrolment {
    enrolment(char const* name, void (*body)()) { test_cases.push_back({name, body}); }
};

// Enrols a test case for each of the types: enrol_one.operator()<Type>().
template <class... Types>
struct enrolment_of_types {
    enrolment_of_types(auto enrol_one) { (enrol_one.template operator()<Types>(), ...); }
};

inline void check(bool holds, char const* text, char const* file, int line, bool is_required) {
    ++checks;
    if (holds) return;
    ++failures;
    std::printf("%s:%d: %s does not hold\n", file, line, text);
    if (is_required) std::exit(1);
}

// The sections of a test case, by line. Each run of its body goes into one leaf that no run has finished.
struct section_record {
    std::map<int, section_record> inner;
    bool entered_in_this_run = false;
    bool finished = false;

    bool all_finished() const {
        for (auto const& [line, record] : inner) {
            if (!record.finished) return false;
        }
        return true;
    }
    void start_run() {
        entered_in_this_run = false;
        for (auto& [line, record] : inner) record.start_run();
    }
    bool entered_one() const {
        for (auto const& [line, record] : inner) {
            if (record.entered_in_this_run) return true;
        }
        return false;
    }
};

inline section_record* current_section = nullptr;

class section {
public:
    explicit section(int line)
        : outer_(current_section)
        , record_(&outer_->inner[line]) {
        entered_ = !record_->finished && !outer_->entered_one();
        if (entered_) {
            record_->entered_in_this_run = true;
            current_section = record_;
        }
    }
    section(section const&) = delete;
    ~section() {
        if (entered_) {
            record_->finished = record_->all_finished();
            current_section = outer_;
        }
    }
    explicit operator bool() const { return entered_; }

private:
    section_record* outer_;
    section_record* record_;
    bool entered_;
};

inline void run(test_case const& test) {
    section_record root;
    do {
        root.start_run();
        current_section = &root;
        test.body();
    } while (!root.all_finished());
}

} // namespace catch_stand_in

#define CATCH_STAND_IN_PASTE_(a, b) a##b
#define CATCH_STAND_IN_PASTE(a, b) CATCH_STAND_IN_PASTE_(a, b)
#define CATCH_STAND_IN_NAME(prefix) CATCH_STAND_IN_PASTE(prefix, __LINE__)
#define CATCH_STAND_IN_CHECK(required, ...)                                                                            \
    catch_stand_in::check(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__, required)

#define TEST_CASE(name, ...)                                                                                           \
    static void CATCH_STAND_IN_NAME(test_body_)();                                                                     \
    static catch_stand_in::enrolment const CATCH_STAND_IN_NAME(enrolment_){name, CATCH_STAND_IN_NAME(test_body_)};     \
    static void CATCH_STAND_IN_NAME(test_body_)()
#define TEMPLATE_TEST_CASE(name, tags, ...)                                                                            \
    template <class TestType>                                                                                          \
    static void CATCH_STAND_IN_NAME(test_body_)();                                                                     \
    static catch_stand_in::enrolment_of_types<__VA_ARGS__> const CATCH_STAND_IN_NAME(enrolment_)(                      \
        []<class Type> { catch_stand_in::test_cases.push_back({name, CATCH_STAND_IN_NAME(test_body_) < Type > }); });  \
    template <class TestType>                                                                                          \
    static void CATCH_STAND_IN_NAME(test_body_)()
#define SECTION(...) if (catch_stand_in::section CATCH_STAND_IN_NAME(section_){__LINE__}; CATCH_STAND_IN_NAME(section_))
#define CHECK(...) CATCH_STAND_IN_CHECK(false, __VA_ARGS__)
#define CHECK_FALSE(...) CATCH_STAND_IN_CHECK(false, !(__VA_ARGS__))
#define REQUIRE(...) CATCH_STAND_IN_CHECK(true, __VA_ARGS__)
#define REQUIRE_FALSE(...) CATCH_STAND_IN_CHECK(true, !(__VA_ARGS__))
#define STATIC_REQUIRE(...) static_assert(__VA_ARGS__)
#define STATIC_CHECK(...) static_assert(__VA_ARGS__)
#define FAIL(...) CATCH_STAND_IN_CHECK(true, false)
#define FAIL_CHECK(...) CATCH_STAND_IN_CHECK(false, false)
#define SKIP(...) return
#define SUCCEED(...) static_cast<void>(0)
#define INFO(...) static_cast<void>(0)
#define UNSCOPED_INFO(...) static_cast<void>(0)
#define CAPTURE(...) static_cast<void>(0)
