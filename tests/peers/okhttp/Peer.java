import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.CertificatePinner;

/**
 * Asks the CertificatePinner of the OkHttp on the class path, through its public methods only.
 *
 * <p>Each line of the input is a question, a word and fields in base64, and gets one line of answer:
 *
 * <ul>
 *   <li>{@code certificate DER}: keep it, and say its pin.
 *   <li>{@code host PATTERN HOST...}: {@code refused}, or a {@code y} or {@code n} for each host, by whether
 *       the pattern applies to it.
 *   <li>{@code pin TEXT}: {@code refused}, or the same for each certificate kept, by whether the pin meets it.
 * </ul>
 */
public final class Peer {
  private static final String HOST = "a.test";
  private static final String NEVER_MET = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

  private final List<Certificate> certificates = new ArrayList<>();

  public static void main(String[] arguments) throws Exception {
    Peer peer = new Peer();
    PrintStream answers = new PrintStream(System.out, false, "US-ASCII");
    BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, "US-ASCII"));
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      answers.println(peer.answer(line.split(" ", -1)));
    }
    answers.flush();
  }

  private String answer(String[] question) throws CertificateException {
    switch (question[0]) {
      case "certificate":
        return keep(Base64.getDecoder().decode(question[1]));
      case "host":
        return host(question);
      case "pin":
        return pin(text(question[1]));
      default:
        throw new IllegalArgumentException(question[0]);
    }
  }

  private String keep(byte[] der) throws CertificateException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    certificates.add(factory.generateCertificate(new ByteArrayInputStream(der)));
    return CertificatePinner.pin(certificates.get(certificates.size() - 1));
  }

  private static String host(String[] question) {
    CertificatePinner pinner = pinner(text(question[1]), NEVER_MET);
    if (pinner == null) {
      return "refused";
    }
    StringBuilder answer = new StringBuilder();
    for (int i = 2; i < question.length; i++) {
      answer.append(passes(pinner, text(question[i]), Collections.emptyList()) ? 'n' : 'y');
    }
    return answer.toString();
  }

  private String pin(String text) {
    CertificatePinner pinner = pinner(HOST, text);
    if (pinner == null) {
      return "refused";
    }
    StringBuilder answer = new StringBuilder();
    for (Certificate certificate : certificates) {
      answer.append(passes(pinner, HOST, Collections.singletonList(certificate)) ? 'y' : 'n');
    }
    return answer.toString();
  }

  /** The pinner, or null if it is refused; an address with a group too many runs out of an array. */
  private static CertificatePinner pinner(String pattern, String pin) {
    try {
      return new CertificatePinner.Builder().add(pattern, pin).build();
    } catch (RuntimeException refused) {
      return null;
    }
  }

  private static boolean passes(CertificatePinner pinner, String host, List<Certificate> chain) {
    try {
      pinner.check(host, chain);
      return true;
    } catch (SSLPeerUnverifiedException unmet) {
      return false;
    }
  }

  private static String text(String field) {
    return new String(Base64.getDecoder().decode(field), StandardCharsets.UTF_8);
  }
}
