package dev.bulla.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LinuxExceptionTest {
    @Test
    void message_knownError_hasNameAndWords() {
        assertThat(new LinuxException("ioctl", "/x", 95)).hasMessage("ioctl /x: EOPNOTSUPP (operation not supported)");
    }

    @Test
    void message_unknownErrorAndControlCharacters_isOneLine() {
        LinuxException e = new LinuxException("fsconfig", "a\nb", 4242, "e erofs:\u001b[31m bad\n");
        assertThat(e).hasMessage("fsconfig a?b: errno 4242: e erofs:?[31m bad?");
        assertThat(e.errno()).isEqualTo(4242);
        assertThat(e.is(Errno.EPERM)).isFalse();
    }
}
