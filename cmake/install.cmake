# What `cmake --install` copies: the headers, the package for find_package(plywire) and the file for pkg-config.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_folder ${CMAKE_INSTALL_DATADIR}/cmake/plywire)
install(TARGETS plywire EXPORT plywire FILE_SET HEADERS FILE_SET bridges)
install(EXPORT plywire NAMESPACE plywire:: FILE plywire-targets.cmake DESTINATION ${package_folder})

configure_package_config_file(cmake/plywire-config.cmake.in plywire-config.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(plywire-config-version.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/plywire-config.cmake ${PROJECT_BINARY_DIR}/plywire-config-version.cmake
    DESTINATION ${package_folder})

configure_file(cmake/plywire.pc.in plywire.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/plywire.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
