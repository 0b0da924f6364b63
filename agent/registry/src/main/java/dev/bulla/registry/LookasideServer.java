package dev.bulla.registry;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import okhttp3.HttpUrl;

/** A lookaside store on a server. */
record LookasideServer(HttpUrl url) implements LookasideUrl {
    HttpUrl signature(ImageReference image, Digest signed, int number) {
        return url.newBuilder()
                .addPathSegments(LookasideUrl.suffix(image, signed, number))
                .build();
    }

    @Override
    public String toString() {
        return url.toString();
    }
}
