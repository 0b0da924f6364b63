package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransportScopeTest {
    private static final String HEX = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    @ParameterizedTest
    @CsvSource({
        "dir,/a",
        "dir,/a/b.c/..d",
        "dir,''",
        "oci,/a:tag",
        "oci-archive,/a",
        "sif,/a",
        "docker-archive,''",
        "tarball,''",
        "docker,anything at all",
        "docker,example.com:tag/",
        "unknown,/a/../b",
        "ostree,x",
        "docker-daemon,busybox:1",
        "docker-daemon,sha256:12",
        "containers-storage,[/root]",
        "containers-storage,[overlay@/root]",
        "containers-storage,[overlay@/root]docker.io/a:1",
        "containers-storage,[/root]a:1@HEX",
        "containers-storage,[/root]a@sha256:HEX",
        "containers-storage,[/root]a@sha256:HEX@HEX",
        "atomic,host",
        "atomic,host:5000/ns",
        "atomic,host/ns/stream",
        "atomic,host/ns/stream:tag"
    })
    void problem_scopeOfTheTransport_none(String transport, String scope) {
        assertThat(TransportScope.problem(transport, scope.replace("HEX", HEX))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "dir,a",
        "dir,/",
        "dir,/a/",
        "dir,/a//b",
        "dir,/a/./b",
        "dir,/a/../b",
        "dir,/..",
        "dir,//a",
        "oci,a:tag",
        "oci,/",
        "oci-archive,a",
        "sif,/a/",
        "docker-archive,/a",
        "tarball,/a",
        "docker-daemon,sha256:HEX",
        "containers-storage,/root",
        "containers-storage,[]",
        "containers-storage,[/root",
        "containers-storage,[root]",
        "containers-storage,[overlay@]",
        "containers-storage,[@/root]",
        "containers-storage,[overlay@root]",
        "containers-storage,[/root]a@x",
        "containers-storage,[/root]a@HEX@HEX",
        "containers-storage,[/root]a@sha256:HEX@x",
        "atomic,host/ns:tag",
        "atomic,host/ns/stream:tag:tag",
        "atomic,host/ns/stream/more"
    })
    void problem_otherScope_named(String transport, String scope) {
        assertThat(TransportScope.problem(transport, scope.replace("HEX", HEX))).isPresent();
    }
}
