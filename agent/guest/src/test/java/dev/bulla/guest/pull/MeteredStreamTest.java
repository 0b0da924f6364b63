package dev.bulla.guest.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MeteredStreamTest {
    private final AtomicLong passed = new AtomicLong();
    private final AtomicBoolean givenUp = new AtomicBoolean();

    private InputStream stream(int length) {
        return new MeteredStream(new ByteArrayInputStream(new byte[length]), passed::addAndGet, givenUp);
    }

    @Test
    void read_anyWay_countsEachByteOnce() throws IOException {
        InputStream in = stream(100);
        assertThat(in.read()).isZero();
        assertThat(in.skip(9)).isEqualTo(9);
        assertThat(in.readAllBytes()).hasSize(90);
        assertThat(in.read()).isEqualTo(-1);
        assertThat(passed).hasValue(100);
    }

    @Test
    void skip_nothingOrAtTheEnd_isZero() throws IOException {
        InputStream in = stream(1);
        assertThat(in.skip(0)).isZero();
        assertThat(in.skip(-1)).isZero();
        assertThat(in.skip(5)).isEqualTo(1);
        assertThat(in.skip(5)).isZero();
    }

    @Test
    void read_givenUp_throws() {
        givenUp.set(true);
        assertThatThrownBy(() -> stream(1).read()).isInstanceOf(InterruptedIOException.class);
    }
}
