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
sealed interface LookasideUrl permits LookasideFolder, LookasideServer {

    /** What follows the beginning. */
    static String suffix(ImageReference image, Digest signed, int number) {
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
                        return new LookasideFolder(path);
                    }
                }
                boolean web = uri.getScheme().equals("http") || uri.getScheme().equals("https");
                HttpUrl url = web && uri.getRawAuthority() != null && uri.getRawUserInfo() == null
                        ? HttpUrl.parse(text)
                        : null;
                if (url != null) {
                    return new LookasideServer(url);
                }
            }
        } catch (URISyntaxException | IllegalArgumentException e) {
            // refused below, with the text
        }
        throw json.refuse("got " + Quoted.text(text)
                + ", expected file:///FOLDER, or an http or https URL without credentials, query and fragment");
    }
}
