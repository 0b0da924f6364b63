package dev.bulla.registry;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import okhttp3.HttpUrl;

/**
 * Where a lookaside store begins. Signature {@code N} of a manifest is {@code
 * BASE/REPOSITORY@ALGORITHM=HEX/signature-N}, the repository without its host: containers/image,
 * docs/signature-protocols.md.
 *
 * <p><b>Security.</b> A repository's path and a digest have by their grammar no {@code ..}, no {@code //} and nothing that a
 * URL would read as more than a path.
 */
sealed interface LookasideUrl {

    /** A folder of this machine. */
    record Folder(Path path) implements LookasideUrl {
        Path signature(ImageReference image, Digest signed, int number) {
            return path.resolve(suffix(image, signed, number));
        }

        @Override
        public String toString() {
            return "file://" + path;
        }
    }

    /** A server. */
    record Server(HttpUrl url) implements LookasideUrl {
        HttpUrl signature(ImageReference image, Digest signed, int number) {
            return url.newBuilder()
                    .addPathSegments(suffix(image, signed, number))
                    .build();
        }

        @Override
        public String toString() {
            return url.toString();
        }
    }

    private static String suffix(ImageReference image, Digest signed, int number) {
        return image.path() + "@" + signed.algorithm().id() + "=" + signed.hex() + "/signature-" + number;
    }

    /** Reads {@code file:///FOLDER}, {@code http://…} or {@code https://…}, without credentials, query and fragment. */
    static LookasideUrl read(JsonCursor json) throws OciException {
        String text = json.string();
        try {
            URI uri = new URI(text);
            if (uri.getScheme() != null && uri.getRawQuery() == null && uri.getRawFragment() == null) {
                if (uri.getScheme().equals("file") && uri.getRawAuthority() == null && uri.getPath() != null) {
                    Path path = Path.of(uri);
                    if (path.equals(path.normalize())) {
                        return new Folder(path);
                    }
                }
                boolean web = uri.getScheme().equals("http") || uri.getScheme().equals("https");
                HttpUrl url = web && uri.getRawAuthority() != null && uri.getRawUserInfo() == null
                        ? HttpUrl.parse(text)
                        : null;
                if (url != null) {
                    return new Server(url);
                }
            }
        } catch (URISyntaxException | IllegalArgumentException e) {
            // refused below, with the text
        }
        throw json.refuse("got " + Quoted.text(text)
                + ", expected file:///FOLDER, or an http or https URL without credentials, query and fragment");
    }
}
