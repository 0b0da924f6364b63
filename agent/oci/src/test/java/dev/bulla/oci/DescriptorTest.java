package dev.bulla.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonWriter;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DescriptorTest {
    private static final Digest DIGEST = Digest.Algorithm.SHA256.of(new byte[0]);

    @Property
    void read_whatToJsonWrote_roundTrips(
            @ForAll @LongRange(min = 0) long size,
            @ForAll @Size(max = 4) Map<@AlphaChars String, @AlphaChars String> annotations,
            @ForAll boolean withPlatform)
            throws OciException {
        Descriptor descriptor = new Descriptor(
                "application/x",
                DIGEST,
                size,
                annotations,
                withPlatform ? Optional.of(Platform.parse("linux/arm/v7")) : Optional.empty());
        String json = JsonWriter.compact(descriptor.toJson());
        assertThat(Descriptor.read(JsonCursor.parse(json))).isEqualTo(descriptor);
    }

    @Test
    void read_urlsAndData_areNotKept() throws OciException {
        Descriptor descriptor = Descriptor.read(JsonCursor.parse("{\"mediaType\":\"m\",\"digest\":\"" + DIGEST
                + "\",\"size\":0,\"urls\":[\"http://169.254.169.254/\"],\"data\":\"eA==\"}"));
        assertThat(descriptor).isEqualTo(Descriptor.of("m", DIGEST, 0));
    }

    @Test
    void constructor_negativeSize_isRefused() {
        assertThatThrownBy(() -> Descriptor.of("m", DIGEST, -1)).isInstanceOf(IllegalArgumentException.class);
    }
}
